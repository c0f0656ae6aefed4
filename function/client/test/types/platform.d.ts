// What a Mini Program's and uni-app's own types declare, as far as the examples need it.
declare const wx: { getStorageSync(name: string): string };
declare const uni: { getStorageSync(name: string): string };
declare module 'cos-wx-sdk-v5' {
  import COS from 'cos-js-sdk-v5';
  class WxCOS {
    constructor(options: COS.COSOptions & { SimpleUploadMethod?: string });
    uploadFile(params: {
      Bucket: string;
      Region: string;
      Key: string;
      FilePath: string;
      Headers?: object;
    }): Promise<object>;
  }
  export = WxCOS;
}
