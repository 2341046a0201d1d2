import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig, mask } from './load.ts'
import type { ConfigSection } from './section.ts'
import { configEntries } from './show.ts'

const sections: readonly ConfigSection[] = [
  {
    key: 'detection',
    schema: z.strictObject({
      parameters: z
        .strictObject({
          port_scan_threshold: z.int().min(1).default(50),
          suspicious_processes: z.array(z.string()).default(['xmrig']),
          suspicious_ports: z.array(z.int()).default([]),
        })
        .prefault({}),
    }),
    environment: {
      PORT_SCAN_THRESHOLD: { key: 'parameters.port_scan_threshold', list: false },
      SUSPICIOUS_PROCESSES: { key: 'parameters.suspicious_processes', list: true },
    },
  },
  {
    key: 'store',
    schema: z.strictObject({ database_url: z.string().optional(), api_token: z.string().optional() }),
    environment: {
      DATABASE_URL: { key: 'database_url', list: false },
      API_TOKEN: { key: 'api_token', list: false },
    },
  },
]

const folder = mkdtempSync(join(tmpdir(), 'vedette-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(text: string): string {
  const file = join(folder, `${Math.random()}.yml`)
  writeFileSync(file, text)
  return file
}

test('without a file and variables the defaults hold', () => {
  const { values, data, warnings } = loadConfig({ env: {}, sections })
  expect(values['detection']).toEqual({
    parameters: { port_scan_threshold: 50, suspicious_processes: ['xmrig'], suspicious_ports: [] },
  })
  expect(data).toEqual({})
  expect(warnings).toEqual([])
})

test('the environment lies over the file, and each value knows where it came from', () => {
  const file = fileWith(
    'detection:\n  parameters:\n    port_scan_threshold: 60\n    suspicious_ports: [4444]\n',
  )
  const env = { PORT_SCAN_THRESHOLD: ' 70 ', SUSPICIOUS_PROCESSES: 'a.exe, b.exe,' }
  const loaded = loadConfig({ file, env, sections })
  expect(configEntries(loaded)).toEqual([
    { path: 'log_level', value: 'info', origin: 'default' },
    {
      path: 'detection.parameters.port_scan_threshold',
      value: 70,
      origin: 'environment PORT_SCAN_THRESHOLD',
    },
    {
      path: 'detection.parameters.suspicious_processes',
      value: ['a.exe', 'b.exe'],
      origin: 'environment SUSPICIOUS_PROCESSES',
    },
    { path: 'detection.parameters.suspicious_ports', value: [4444], origin: file },
  ])
})

test('the five keys of a security_config.json may stand at the top, but not twice', () => {
  const { values } = loadConfig({ file: fileWith('{"suspicious_ports": [22, 3389]}'), env: {}, sections })
  expect(values['detection']).toMatchObject({ parameters: { suspicious_ports: [22, 3389] } })
  const twice = fileWith('suspicious_ports: [22]\ndetection: { parameters: { suspicious_ports: [23] } }\n')
  expect(() => loadConfig({ file: twice, env: {}, sections })).toThrow(
    'suspicious_ports: [22] is said a second time as detection.parameters.suspicious_ports',
  )
})

test('every fault is told with path, value and what was expected; a variable by its name', () => {
  const file = fileWith('colour: red\ndetection: { parameters: { suspicious_ports: none } }\n')
  const load = () => loadConfig({ file, env: { PORT_SCAN_THRESHOLD: 'many' }, sections })
  expect(load).toThrow('colour: is not a known key')
  expect(load).toThrow('detection.parameters.suspicious_ports: "none" is refused')
  expect(load).toThrow(
    'detection.parameters.port_scan_threshold (from PORT_SCAN_THRESHOLD): "many" is refused',
  )
})

test('a variable that is known and has no effect is said, an unknown one is nobody’s business', () => {
  const { warnings } = loadConfig({ env: { JAEGER_ENDPOINT: 'localhost:6831', SHELL: '/bin/sh' }, sections })
  expect(warnings).toEqual(['JAEGER_ENDPOINT is set and has no effect: traces are not exported yet'])
})

test('a switch of the file that has no effect is said, and checked', () => {
  const file = fileWith('response: { enable_isolation: true }\n')
  const response = { key: 'response', schema: z.strictObject({}) }
  const { warnings, data } = loadConfig({ file, env: {}, sections: [...sections, response] })
  expect(warnings).toEqual([
    'response.enable_isolation is set and has no effect: no action isolates a process yet',
  ])
  expect(data['response']).toEqual({})
  const wrong = fileWith('response: { enable_isolation: maybe }\n')
  expect(() => loadConfig({ file: wrong, env: {}, sections: [...sections, response] })).toThrow(
    'expected true or false',
  )
})

test('RUST_LOG is the log level, with or without levels of modules', () => {
  expect(loadConfig({ env: { RUST_LOG: 'hyper=trace,WARN' }, sections }).values['log_level']).toBe('warn')
  expect(loadConfig({ env: { RUST_LOG: 'off' }, sections }).values['log_level']).toBe('silent')
  expect(() => loadConfig({ env: { RUST_LOG: 'loud' }, sections })).toThrow('RUST_LOG: "loud" is refused')
})

test('a password from an example is refused, and no password is ever shown', () => {
  const sample = { DATABASE_URL: 'postgres://user:password@localhost/security_monitoring' }
  expect(() => loadConfig({ env: sample, sections })).toThrow('store.database_url: "[secret]" is refused')
  const loaded = loadConfig({
    env: { DATABASE_URL: 'postgres://ada:s3cr3t@db/x', API_TOKEN: '12345' },
    sections,
  })
  expect(loaded.data['store']).toEqual({ database_url: 'postgres://ada:s3cr3t@db/x', api_token: '12345' })
  const shown = configEntries(loaded).filter(({ path }) => path.startsWith('store'))
  expect(shown.map(({ value }) => value)).toEqual(['postgres://ada:[secret]@db/x', '[secret]'])
})

test('mask() leaves what is no secret', () => {
  expect(mask('api.listen', '127.0.0.1:8000')).toBe('127.0.0.1:8000')
  expect(mask('api.jwt_secret', 'abc')).toBe('[secret]')
})

test('a file that is a list, or empty, is told or taken', () => {
  expect(() => loadConfig({ file: fileWith('- a\n'), env: {}, sections })).toThrow('expected keys and values')
  expect(loadConfig({ file: fileWith(''), env: {}, sections }).values['log_level']).toBe('info')
})
