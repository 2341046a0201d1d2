import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'

/**
 * For tests: makes sure that a program is there. Installs the package of it where the tests run as root on Debian or
 * Ubuntu.
 *
 * @throws {Error} saying what to type, where they do not
 */
export function ensureDebianPackage(name: string, binary: string): void {
  if (isOnPath(binary)) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`This test needs the program ${binary}. Type: sudo apt-get install ${name}`)
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '--yes', '--no-install-recommends', name]
  const aptGet = (args: string[]) =>
    execFileSync('/usr/bin/apt-get', args, { env: environment, stdio: 'pipe' })
  try {
    aptGet(install)
  } catch {
    // Its list of packages may be missing or old.
    aptGet(['update'])
    aptGet(install)
  }
}

function isOnPath(binary: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(`${folder}/${binary}`, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
