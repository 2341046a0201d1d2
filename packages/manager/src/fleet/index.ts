export { type ContentFile, packBundle, unpackBundle } from './bundle.ts'
export {
  centralDifference,
  centralProblems,
  centralSettings,
  flatten,
  isWithin,
  type SettingChange,
  withSettings,
} from './central-config.ts'
export { type AssignmentSigner, openAssignment, signAssignment, signerBytes } from './signed-assignment.ts'
