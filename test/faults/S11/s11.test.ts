import { testRow } from '../test-row.ts'
import { s11 } from './row.ts'

testRow(s11)
