import { expect, test } from 'vitest'
import { findUser } from './user.ts'

test('findUser() reads passwd lines and passes over what is not one', () => {
  const passwd =
    'root:x:0:0::/root:/bin/sh\nbroken\nvedette:x:998:997::/nonexistent:/usr/sbin/nologin\nbad:x:a:b::\n'
  expect(findUser('vedette', passwd)).toEqual({ uid: 998, gid: 997 })
  expect(findUser('bad', passwd)).toBeUndefined()
  expect(findUser('nobody', passwd)).toBeUndefined()
})
