export {
  type ApiConfig,
  apiConfigSchema,
  apiEnvironment,
  serverSections,
  type StoreConfig,
  storeConfigSchema,
  storeEnvironment,
} from './config.ts'
export { type ListenAddress, listenAddressSchema } from './listen-address.ts'
export {
  type ServerReport,
  type ServerSettings,
  type ServerSettingsLine,
  serverSettingsSchema,
} from './settings.ts'
