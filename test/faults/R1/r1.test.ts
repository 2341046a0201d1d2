import { testRow } from '../test-row.ts'
import { r1 } from './row.ts'

testRow(r1)
