export { type Account, createAccount, type OwnAccount } from './account.ts'
export { ApiError, type ApiFault } from './api-error.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export {
  type FragmentOf,
  graphql,
  type ResultOf,
  type TadaDocumentNode,
  type VariablesOf,
} from './graphql.ts'
export { type AuthState, createSignIn, type SignIn } from './sign-in.ts'
