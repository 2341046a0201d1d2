import { testRow } from '../test-row.ts'
import { s14 } from './row.ts'

testRow(s14)
