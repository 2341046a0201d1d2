import { testRow } from '../test-row.ts'
import { r4 } from './row.ts'

testRow(r4)
