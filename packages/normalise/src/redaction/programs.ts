/** How a program takes a secret on its command line. */
export interface SecretOptions {
  /** Options of which the next word is the secret: `-a SECRET`. */
  readonly next?: readonly string[]
  /** Options to which the secret is attached: `-pSECRET`. */
  readonly attached?: readonly string[]
  /** Options with `user:secret`, attached or in the next word; only what follows the separator is taken out. */
  readonly credentials?: readonly string[]
  /** What stands between user and secret in `credentials`; a colon when left out. */
  readonly separator?: string
  /** Only after this word: `docker login -p`, not `docker run -p`. */
  readonly after?: string
}

const mysql: SecretOptions = { attached: ['-p'] }
const curl: SecretOptions = { credentials: ['-u', '--user', '-U', '--proxy-user'] }
const samba: SecretOptions = { credentials: ['-U', '--user'], separator: '%' }
const zip: SecretOptions = { next: ['-P'] }
const sevenZip: SecretOptions = { attached: ['-p'] }
const ldap: SecretOptions = { next: ['-w'] }
const next = (...options: string[]): SecretOptions => ({ next: options })

/** Short options that mean a secret in one program only. Long ones (`--password`) are known for every program. */
const table: Readonly<Record<string, SecretOptions>> = {
  mysql,
  mysqladmin: mysql,
  mysqldump: mysql,
  mysqlimport: mysql,
  mysqlshow: mysql,
  mysqlcheck: mysql,
  mysqlpump: mysql,
  mysqlsh: mysql,
  mariadb: mysql,
  'mariadb-admin': mysql,
  'mariadb-dump': mysql,
  'mariadb-import': mysql,
  'mariadb-check': mysql,
  mongo: next('-p'),
  mongosh: next('-p'),
  mongodump: next('-p'),
  mongorestore: next('-p'),
  'redis-cli': next('-a', '--pass'),
  sshpass: { next: ['-p'], attached: ['-p'] },
  docker: { next: ['-p'], after: 'login' },
  podman: { next: ['-p'], after: 'login' },
  aws: next('aws_secret_access_key', 'aws_session_token'),
  curl,
  smbclient: samba,
  rpcclient: samba,
  smbmap: next('-p'),
  crackmapexec: next('-p'),
  netexec: next('-p'),
  ldapsearch: ldap,
  ldapadd: ldap,
  ldapmodify: ldap,
  ldapwhoami: ldap,
  zip,
  unzip: zip,
  '7z': sevenZip,
  '7za': sevenZip,
  '7zr': sevenZip,
  sqlcmd: next('-P'),
  bcp: next('-P'),
  plink: next('-pw'),
  ipmitool: next('-P'),
  snmpwalk: next('-A', '-X'),
  lftp: { credentials: ['-u'], separator: ',' },
  xfreerdp: { attached: ['/p:'] },
  // No secrets of their own: they end what the program before them (sshpass) means by its options.
  ssh: {},
  scp: {},
  sftp: {},
  rsync: {},
}

/** By the last component of the program's path. */
export const programs: ReadonlyMap<string, SecretOptions> = new Map(Object.entries(table))
