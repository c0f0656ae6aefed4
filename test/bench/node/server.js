// The credential server of the qcloud-cos-sts package's sample (sts-server.js), on node:http instead of Express, with
// the check of the login that the sample leaves to its reader.
'use strict';
const http = require('node:http');
const jwt = require('jsonwebtoken');
const STS = require('qcloud-cos-sts');

const { PORT, JWT_KEY, STS_SECRET_ID, STS_SECRET_KEY, STS_HOST, COS_BUCKET, COS_REGION } = process.env;
const dash = COS_BUCKET.lastIndexOf('-');
const shortBucketName = COS_BUCKET.slice(0, dash);
const appId = COS_BUCKET.slice(dash + 1);

const allowActions = [
  'name/cos:PutObject',
  'name/cos:PostObject',
  'name/cos:InitiateMultipartUpload',
  'name/cos:ListMultipartUploads',
  'name/cos:ListParts',
  'name/cos:UploadPart',
  'name/cos:CompleteMultipartUpload',
];

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

http.createServer((request, response) => {
  let claims;
  try {
    const token = (request.headers.authorization || '').replace(/^Bearer /, '');
    claims = jwt.verify(token, JWT_KEY, { algorithms: ['RS256'] });
  } catch (error) {
    return answer(response, 401, { error: error.message });
  }
  const allowPrefix = `users/${claims.sub}/*`;
  STS.getCredential({
    secretId: STS_SECRET_ID,
    secretKey: STS_SECRET_KEY,
    proxy: '',
    durationSeconds: 1800,
    endpoint: STS_HOST,
    policy: {
      version: '2.0',
      statement: [{
        action: allowActions,
        effect: 'allow',
        principal: { qcs: ['*'] },
        resource: [`qcs::cos:${COS_REGION}:uid/${appId}:prefix//${appId}/${shortBucketName}/${allowPrefix}`],
      }],
    },
  }, (error, keys) => answer(response, error ? 502 : 200, error || keys));
}).listen(Number(PORT), '127.0.0.1');
