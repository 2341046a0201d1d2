export { packFolder, unpackFolder } from './archive.ts'
export { snapshotAudit, snapshotEvents, snapshotFiles } from './snapshot.ts'
