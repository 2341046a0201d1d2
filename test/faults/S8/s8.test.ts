import { testRow } from '../test-row.ts'
import { s8 } from './row.ts'

testRow(s8)
