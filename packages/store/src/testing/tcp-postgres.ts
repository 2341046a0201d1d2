import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Secret } from '@vedette/base'
import pg from 'pg'
import { findPostgres } from '../state/postgres/binaries.ts'
import { unprivileged } from './unprivileged.ts'

/** A PostgreSQL as a company runs one: reached over TCP, with a password. Disposing of it stops it. */
export interface TcpPostgres extends AsyncDisposable {
  /** Of a role that may make roles and databases, and nothing else: `postgres://landlord:...@127.0.0.1:port/grown`. */
  readonly url: Secret
  /** The same as the superuser. */
  readonly superuserUrl: Secret
  /** Runs a statement as the superuser in a database. */
  asSuperuser(database: string, statement: string): Promise<Record<string, unknown>[]>
}

/** @param folder empty, to be removed by the caller; whom PostgreSQL runs as must be able to enter it */
export async function startTcpPostgres(folder: string): Promise<TcpPostgres> {
  const user = unprivileged()
  const own = (path: string) => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if (user.uid !== undefined) chownSync(path, user.uid, user.gid ?? user.uid)
    return path
  }
  own(folder)
  const binaries = findPostgres(folder, user)
  const data = own(join(folder, 'data'))
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (user.uid !== undefined) chownSync(passwordFile, user.uid, user.gid ?? user.uid)
  const env = { ...binaries.env, LC_ALL: 'C', TZ: 'UTC' }
  await promisify(execFile)(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-sync',
      '--encoding=UTF8',
      '--no-locale',
    ],
    { ...user, env, cwd: '/' },
  )
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off']
  const child = spawn(binaries.postgres, ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...user,
    env,
    cwd: '/',
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const connect = async (database: string) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database })
    await client.connect()
    return client
  }
  const asSuperuser = async (database: string, statement: string) => {
    const client = await connect(database)
    try {
      const { rows } = await client.query<Record<string, unknown>>(statement)
      return rows
    } finally {
      await client.end()
    }
  }
  while (child.exitCode === null) {
    const isThere = await asSuperuser('postgres', 'SELECT 1').then(
      () => true,
      () => false,
    )
    if (isThere) break
    await delay(20)
  }
  const landlord = randomBytes(12).toString('hex')
  await asSuperuser('postgres', `CREATE ROLE landlord LOGIN CREATEROLE CREATEDB PASSWORD '${landlord}'`)
  await asSuperuser('postgres', 'CREATE DATABASE grown OWNER landlord')
  return {
    url: new Secret(`postgres://landlord:${landlord}@127.0.0.1:${port}/grown`),
    superuserUrl: new Secret(`postgres://postgres:${password}@127.0.0.1:${port}/grown`),
    asSuperuser,
    async [Symbol.asyncDispose]() {
      child.kill('SIGQUIT')
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
