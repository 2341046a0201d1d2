/** The REST API: its operations, generated from the OpenAPI document, and how they are asked for. */
export { type Account, createAccount } from './account.ts'
export type { AuthState, OwnAccount } from './generated/rest.ts'
export * as operations from './generated/rest.ts'
export { createRest, type RestCall, type RestOptions } from './rest-call.ts'
export { createSignIn, type SignIn } from './sign-in.ts'
