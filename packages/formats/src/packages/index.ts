export { parseApkInstalled } from './apk.ts'
export { parseDiversions, parseDpkgList, parseDpkgStatus, parseMd5sums } from './dpkg.ts'
export type { InstalledPackage, PackageManager, ShippedFile } from './package.ts'
export { parsePacmanDescription, parsePacmanFiles } from './pacman.ts'
