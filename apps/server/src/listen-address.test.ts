import { describe, expect, test } from 'vitest'
import { apiConfigSchema } from './config.ts'
import { isLoopback, listenAddressSchema, listenError, refuseInsecure } from './listen-address.ts'

describe('listenAddressSchema', () => {
  test.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:443', { host: '::1', port: 443 }],
  ])('reads %s', (text, expected) => {
    expect(listenAddressSchema.parse(text)).toEqual(expected)
  })

  test.each(['8000', '127.0.0.1', '::1:80', '127.0.0.1:70000', 'http://x:80', 'a b:80', ':80', ''])(
    'refuses %j',
    (text) => {
      expect(listenAddressSchema.safeParse(text).error?.issues[0]?.message).toContain('host:port')
    },
  )
})

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
])('isLoopback(%j) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test('refuseInsecure() lets an address out only with TLS', () => {
  expect(() => refuseInsecure({ host: '0.0.0.0', port: 1 }, false)).toThrow('needs TLS')
  expect(() => refuseInsecure({ host: '0.0.0.0', port: 1 }, true)).not.toThrow()
  expect(() => refuseInsecure({ host: '127.0.0.1', port: 1 }, false)).not.toThrow()
})

test('listenError() says what to do', () => {
  const error = Object.assign(new Error('x'), { code: 'EADDRINUSE' })
  expect(listenError(error, { host: '127.0.0.1', port: 8000 }).message).toMatch(
    /port 8000 is taken.*--port 0/,
  )
})

describe('apiConfigSchema', () => {
  test.each([
    [{ jwt_secret: 'your-secret-key-here' }, 'sample value'],
    [{ jwt_secret: 'your-secret-key-here-your-secret-key-here' }, 'sample value'],
    [{ jwt_secret: 'short' }, 'at least 32'],
    [{ cors_origins: ['*'] }, 'expected an origin'],
    [{ cors_origins: ['null'] }, 'expected an origin'],
    [{ cors_origins: ['https://x.example/path'] }, 'expected an origin'],
    [{ session_hours: 0 }, 'Too small'],
  ])('refuses %j', (config, message) => {
    expect(apiConfigSchema.safeParse(config).error?.message).toContain(message)
  })

  test('takes the founding document’s variables as they are meant', () => {
    expect(
      apiConfigSchema.parse({
        listen: '127.0.0.1:8000',
        cors_origins: ['http://localhost:3000', 'https://yourdomain.com/'],
        jwt_secret: 'f'.repeat(40),
        metrics_listen: 'localhost:9090',
      }),
    ).toMatchObject({ cors_origins: ['http://localhost:3000', 'https://yourdomain.com'] })
  })
})
