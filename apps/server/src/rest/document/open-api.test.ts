import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { permissions } from '../../access/permissions.ts'
import type { Route } from '../../http/route.ts'
import { restRoutes } from '../index.ts'
import { openApiDocument } from './open-api.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>
}

const document = await openApiDocument(restRoutes, '1')

function operationOf({ method, url }: Route): Operation | undefined {
  const path = url.replaceAll(/:(\w+)/g, '{$1}')
  return document.paths[path]?.[method.toLowerCase()] as Operation | undefined
}

describe('the OpenAPI document', () => {
  test.each(restRoutes.map((route) => [`${route.method} ${route.url}`, route] as const))(
    '%s is in it, with all that a generator needs',
    (name, route) => {
      const operation = operationOf(route)
      expect(operation?.operationId).toMatch(/^[a-z]+(?:[A-Z][a-z]+)*$/)
      expect(operation?.summary).toMatch(/\.$/)
      expect(operation?.tags).toHaveLength(1)
      const access = permissions[name]
      const count = access === 'anyone' ? 0 : access === 'local' ? 4 : 3
      expect(operation?.security).toHaveLength(count)
      const inPath = (operation?.parameters ?? []).filter((each) => each.in === 'path')
      expect(inPath.map((each) => each.name)).toEqual(
        [...route.url.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter),
      )
      const { content } = operation?.responses['200'] ?? {}
      expect(Object.keys(content ?? {})).not.toEqual([])
      expect(operation?.responses['default']?.content).toEqual({
        'application/json': { schema: { $ref: '#/components/schemas/Fault' } },
      })
      expect(operation?.requestBody !== undefined).toBe(route.schema?.body !== undefined)
    },
  )

  test('has each name once', () => {
    const names = restRoutes.map(({ schema }) => schema?.operationId)
    expect(new Set(names).size).toBe(names.length)
  })

  test('bounds each list by a cursor', () => {
    const lists = restRoutes.filter(({ schema }) => {
      const answer = schema?.response[200]
      return answer instanceof z.ZodObject && 'next_cursor' in answer.shape
    })
    expect(lists.length).toBeGreaterThan(4)
    for (const list of lists) {
      const parameters = operationOf(list)?.parameters ?? []
      const limit = parameters.find(({ name }) => name === 'limit')
      expect(limit?.schema).toMatchObject({ minimum: 1, maximum: 1000, default: 50 })
      expect(parameters.map(({ name }) => name)).toContain('cursor')
    }
  })

  test('bounds each text and list that is sent', () => {
    const free: string[] = []
    const look = (part: unknown, place: string): void => {
      if (typeof part !== 'object' || part === null) return
      const { type, maxLength, maxItems, pattern } = part as Record<string, unknown>
      const known = 'enum' in part || 'const' in part || pattern !== undefined
      if (type === 'string' && maxLength === undefined && !known) free.push(place)
      if (type === 'array' && maxItems === undefined) free.push(place)
      for (const [key, each] of Object.entries(part)) look(each, `${place}/${key}`)
    }
    for (const route of restRoutes) {
      const { requestBody, parameters } = operationOf(route) ?? {}
      const name = route.schema?.operationId ?? ''
      look(requestBody?.content['application/json']?.schema, name)
      for (const { name: parameter, schema } of parameters ?? []) look(schema, `${name}/${parameter}`)
    }
    // A file's text is bounded by the body's bytes.
    expect(free).toEqual(['importIndicators/properties/content'])
  })

  test('has no schema that nothing refers to, and none that is missing', () => {
    const text = JSON.stringify(document.paths) + JSON.stringify(document.components.schemas)
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name))
    expect(used).toEqual(new Set(Object.keys(document.components.schemas)))
  })
})
