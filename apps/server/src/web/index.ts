import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.ts'

/**
 * Headers that keep a page what it is: scripts and connections of our own origin only, in no frame, and nothing of where
 * its visitor was goes on (OWASP, HTTP Headers).
 */
export async function addHeaders(app: FastifyInstance, tls: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // Styles that a library of the console sets at run time; they can neither run nor send anything.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: { policy: 'require-corp' },
    referrerPolicy: { policy: 'no-referrer' },
    hsts: tls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  })
}

/** Names of built files carry a hash of what is in them. */
const HASHED = /\/assets\//

/** The console: its files, and its page for every address that it works out itself. */
export async function addConsole(app: FastifyInstance, { consoleFolder }: Services): Promise<void> {
  if (consoleFolder === undefined) {
    app.get('/', async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send('<!doctype html><title>Vedette</title><p>The console is not built. The API is at /graphql.'),
    )
    return
  }
  await app.register(fastifyStatic, {
    root: consoleFolder,
    wildcard: true,
    dotfiles: 'ignore',
    index: 'index.html',
    setHeaders(response, path) {
      response.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

/** What an address without a file gets: the console's page where a browser asks for one, else the answer of an API. */
export function addNotFound(app: FastifyInstance, { consoleFolder }: Services): void {
  app.setNotFoundHandler((request, reply) => {
    if (consoleFolder !== undefined && isPage(request.method, request.url, request.headers.accept)) {
      return reply.header('cache-control', 'no-cache').sendFile('index.html')
    }
    return reply.code(404).send({ error: { code: 'not-found', message: 'There is nothing here' } })
  })
}

/** Whether an address that leads to no file is one of the console's pages: a browser asks for a page, without an extension. */
function isPage(method: string, url: string, accept: string | undefined): boolean {
  const path = url.split('?', 1)[0] ?? ''
  return (
    method === 'GET' &&
    (accept ?? '').includes('text/html') &&
    !/\.[\w-]{1,12}$/.test(path) &&
    !/^\/(?:graphql|api|auth|health|metrics|agent|assets)(?:\/|$)/.test(path)
  )
}
