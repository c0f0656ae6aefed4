/** Gets temporary COS keys, links and upload forms from the function, sealed so that only this page can read them. */
export function createClient(options: Options): Client;

export interface Options {
  /** Where the function is, as `https://…/credentials` or without the last part; no query. */
  url: string;
  /**
   * The login's token as it is now; empty if nobody is logged in. It is called before each use of a key, so that no key
   * is handed to another user than its own. Keep the token yourself: a call should be cheap.
   */
  token: () => string | null | undefined | Promise<string | null | undefined>;
  /** Logs in again, for instance with a refresh token, when the function says 401. `token` is asked again after it. */
  relogin?: (why: CredentialsError) => unknown;
  /** The grant's name; by default the first that matches the login. */
  grant?: string;
  /** The element of a claim with several, for instance the team. */
  pick?: string;
  /** Where a key outlives a reload: a page's sessionStorage. By default nowhere; README.md names the risk. */
  storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Whether answers are sealed to this page; by default true, and then an answer that is not sealed is refused. */
  seal?: boolean;
  /** How many ms `token`, `randomBytes` and one call of the function may take; by default 15,000. */
  timeout?: number;
  /** By default the platform's own. */
  fetch?: typeof fetch;
  /** wx.request, uni.request or what is called like them; by default the platform's own where there is no fetch. */
  request?: (options: any) => unknown;
  /** wx.uploadFile, uni.uploadFile or what is called like them; by default the platform's own. */
  uploadFile?: (options: any) => unknown;
  /**
   * Unpredictable bytes; by default from crypto.getRandomValues or wx.getRandomValues. Where there is neither, as in a
   * uni-app App, hand in a native plugin's. Never Math.random: whoever guesses the bytes reads the keys.
   */
  randomBytes?: (length: number) => Bytes | Promise<Bytes>;
}

export type Bytes = Uint8Array | ArrayBuffer | number[];

export interface Client {
  /** The key for the whole grant, and where it may be used: the kept one, or a new one. Ask for it before an upload. */
  get(): Promise<Credentials>;
  /** For the COS SDKs' option of this name. */
  getAuthorization(options: object, callback: (key: KeyForSDK | string) => void): void;
  /** The same in scope mode: a key for each request, for no more than that request. */
  getScopedAuthorization(options: { Scope: unknown }, callback: (key: KeyForSDK | string) => void): void;
  /**
   * What an SDK's call really failed with: where the SDK says only that getAuthorization's callback lacks something,
   * the reason why it got no key; any other error as it is.
   */
  explain(error: unknown): Error & { code?: string | number; codeDesc?: string; status?: number; requestId?: string };
  /** Signed links to objects, 1 to 100 of them, in the order of `keys`. */
  links(keys: string[], more?: { expires?: number; process?: string; grant?: string; pick?: string }): Promise<Links>;
  /** A signed form for one upload; the function chooses the object's key, and keeps the name's extension. */
  form(filename: string, more?: { contentType?: string; grant?: string; pick?: string }): Promise<Form>;
  /**
   * Uploads with a form, in 10 minutes at most: a File or Blob in pages, a file's path in Mini Programs and uni-app.
   * Promises the object's key. `protocol` is for a COS on this machine.
   */
  upload(form: Form, file: Blob | string, protocol?: 'https:' | 'http:'): Promise<string>;
  /** Throws away every kept key. Call it when the user logs out. */
  forget(): void;
}

/** Times are seconds since 1970. */
export interface Credentials {
  credentials: { tmpSecretId: string; tmpSecretKey: string; sessionToken: string };
  startTime: number;
  expiredTime: number;
  /** expiredTime, in ISO 8601. */
  expiration: string;
  requestId: string;
  bucket: string;
  region: string;
  grant: string;
  /** The first of `prefixes`, without its `*`: what this user's objects' keys begin with. */
  prefix: string;
  prefixes: string[];
  /** To send with every upload. */
  headers: Record<string, string>;
  /** The bucket's own host name, if it has one. */
  domain?: string;
  pick?: string;
}

/** What the COS SDKs' getAuthorization calls back with. */
export interface KeyForSDK {
  TmpSecretId: string;
  TmpSecretKey: string;
  SecurityToken: string;
  StartTime: number;
  ExpiredTime: number;
  ScopeLimit: boolean;
}

export interface Links {
  links: { key: string; url: string }[];
  startTime: number;
  expiredTime: number;
  requestId: string;
}

export interface Form {
  cosHost: string;
  bucket: string;
  region: string;
  key: string;
  /** Every field that the form sends before `file`. */
  fields: Record<string, string>;
  startTime: number;
  expiredTime: number;
  requestId: string;
}

/**
 * Every failure. Where the function answered with an error, all members are its own. Otherwise `code` is 0, and
 * `codeDesc` one of TokenMissing, UserChanged, Timeout, NetworkError, BadAnswer, NotSealed, NotOpened, NoRandomness and
 * NoTransport; or, for an upload that COS refused, COS's own code or UploadFailed.
 */
export class CredentialsError extends Error {
  constructor(codeDesc: string, message: string, more?: Partial<Omit<CredentialsError, keyof Error>>);
  codeDesc: string;
  code: number;
  /** The HTTP status, 0 if there was none. */
  status: number;
  requestId: string;
  /** Seconds. */
  retryAfter?: number;
}
