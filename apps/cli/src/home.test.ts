import { expect, test } from 'vitest'
import { chooseHome } from './home.ts'

test('--home comes before VEDETTE_HOME, and that before the usual places', () => {
  const env = { VEDETTE_HOME: '/srv/house', XDG_DATA_HOME: '/data', HOME: '/home/ada' }
  expect(chooseHome('/opt/one', env, 0)).toBe('/opt/one')
  expect(chooseHome(undefined, env, 0)).toBe('/srv/house')
  expect(chooseHome(undefined, { ...env, VEDETTE_HOME: '' }, 0)).toBe('/var/lib/vedette')
  expect(chooseHome(undefined, { ...env, VEDETTE_HOME: '' }, 1000)).toBe('/data/vedette')
  expect(chooseHome(undefined, { HOME: '/home/ada' }, 1000)).toBe('/home/ada/.local/share/vedette')
})

test('a relative XDG_DATA_HOME is ignored', () => {
  expect(chooseHome(undefined, { XDG_DATA_HOME: 'data', HOME: '/home/ada' }, 1000)).toBe(
    '/home/ada/.local/share/vedette',
  )
})
