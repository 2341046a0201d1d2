export { type ApiConfig, apiConfigSchema, apiEnvironment } from './config.ts'
export { type ListenAddress, listenAddressSchema } from './listen-address.ts'
export {
  type ServerReport,
  type ServerSettings,
  type ServerSettingsLine,
  serverSettingsSchema,
} from './settings.ts'
