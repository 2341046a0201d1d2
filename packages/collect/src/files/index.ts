export { AccountNames } from './account-names.ts'
export { FileInspector, type Inspection } from './file-inspector.ts'
export { type OwnedFile, PackageDatabase } from './package-database.ts'
