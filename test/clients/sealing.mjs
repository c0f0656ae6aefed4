// What a sealed answer is to those whom it is not for.
import { equal, failed } from './check.mjs';
import { frontEnd, logIn } from './front.mjs';

export async function sealing(client, cloud, alice, say) {
  const { text } = alice.answers.find((a) => a.status === 200);
  equal('what a sealed answer shows', Object.keys(JSON.parse(text)), ['sealed', 'requestId']);

  // The same user on another page, which has a pair of its own, gets that answer.
  const token = await logIn(cloud, 'alice');
  const given = frontEnd(client, cloud, () => token, [], { tamper: { text: () => text } }).api;
  equal('another page', (await failed('another page', given.get())).codeDesc, 'NotOpened');
  say('sealed: another page can\'t open the answer');
}
