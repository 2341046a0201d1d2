import { expect, test } from 'vitest'
import { nameFacts } from './name-facts.ts'

test.each([
  ['www.Example.co.uk', { registered_domain: 'example.co.uk', subdomain_length: 3, subdomain_entropy: 0 }],
  ['example.com', { registered_domain: 'example.com', subdomain_length: 0, subdomain_entropy: 0 }],
  ['abab.cdcd.example.com', { registered_domain: 'example.com', subdomain_length: 8, subdomain_entropy: 2 }],
  ['7.2.0.192.in-addr.arpa', {}],
  ['localhost', {}],
  ['', {}],
])('%s', (name, facts) => {
  expect(nameFacts(name)).toEqual(facts)
})

test('what hides data in a name is told apart from names that people gave', () => {
  const hidden = nameFacts('mfzwizltoqytemzugu3dooby.ge2dgnbvgy3tqojq.t.example.com')
  const given = nameFacts('static-assets.eu-central-1.example.com')
  expect(hidden.subdomain_entropy).toBeGreaterThan(3.8)
  expect(given.subdomain_entropy).toBeLessThan(3.6)
})
