/** The managers whose databases are read. */
export type PackageManager = 'dpkg' | 'apk' | 'pacman'

/** A package that is installed. */
export interface InstalledPackage {
  readonly manager: PackageManager
  readonly name: string
  readonly version: string
  readonly arch: string
}

/** What a package says of a file that it brought. */
export interface ShippedFile {
  readonly algorithm: 'md5' | 'sha1' | 'sha256'
  /** Lower-case hex. */
  readonly value: string
}
