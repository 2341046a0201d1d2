import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

const OPENSSL = '/usr/bin/openssl'
const folder = mkdtempSync(join(tmpdir(), 'vedette-tls-'))
const keyFile = join(folder, 'key.pem')
const certificateFile = join(folder, 'certificate.pem')
let server: TestServer
let ca: string

beforeAll(async () => {
  execFileSync(
    OPENSSL,
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=vedette.test
      -addext subjectAltName=DNS:vedette.test,IP:127.0.0.1 -keyout ${keyFile} -out ${certificateFile}`.split(
      /\s+/,
    ),
    { stdio: 'pipe' },
  )
  ca = readFileSync(certificateFile, 'utf8')
  server = await openTestServer({
    api: { listen: '0.0.0.0:0', tls: { certificate_file: certificateFile, key_file: keyFile } },
  })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function send(path: string, body: object) {
  const { port } = new URL(server.url)
  return new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', ca, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
      },
    )
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

test('with TLS it may listen everywhere, and its cookie never leaves TLS', async () => {
  expect(server.url).toMatch(/^https:\/\/0\.0\.0\.0:\d+$/)
  const { status, headers } = await send('/auth/setup', {
    token: server.setupToken,
    name: 'anna',
    password: PASSWORD,
  })
  expect(status).toBe(200)
  const [cookie = ''] = headers['set-cookie'] as string[]
  expect(cookie).toMatch(/^__Host-vedette=[\w-]{43}; Path=\/; .*; HttpOnly; SameSite=Strict; Secure$/)
  expect(headers['strict-transport-security']).toContain('max-age=')

  const { port } = new URL(server.url)
  const socket = new WebSocket(`wss://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    ca,
    headers: { cookie: cookie.split(';')[0] ?? '', origin: `https://127.0.0.1:${port}` },
  })
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'connection_init' }))
  const answer = await new Promise((resolve) => {
    socket.once('message', (data) => resolve(JSON.parse((data as Buffer).toString())))
    socket.once('close', (code) => resolve(code))
  })
  expect(answer).toEqual({ type: 'connection_ack' })
  socket.terminate()
})

test('nobody is answered in the clear', async () => {
  const { port } = new URL(server.url)
  await expect(fetch(`http://127.0.0.1:${port}/auth/state`)).rejects.toThrow()
})
