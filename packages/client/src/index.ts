export { ApiError, type ApiFault } from './api-error.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export {
  type FragmentOf,
  graphql,
  type ResultOf,
  type TadaDocumentNode,
  type VariablesOf,
} from './graphql.ts'
