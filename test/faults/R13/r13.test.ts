import { testRow } from '../test-row.ts'
import { r13 } from './row.ts'

testRow(r13)
