export type { SideJob, SideJobContext } from './messages.ts'
export { type OpenSideJob, SideProcess } from './side-process.ts'
