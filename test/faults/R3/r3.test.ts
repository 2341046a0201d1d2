import { testRow } from '../test-row.ts'
import { r3 } from './row.ts'

testRow(r3)
