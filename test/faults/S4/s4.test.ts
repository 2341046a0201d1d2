import { testRow } from '../test-row.ts'
import { s4 } from './row.ts'

testRow(s4)
