import { testRow } from '../test-row.ts'
import { s9 } from './row.ts'

testRow(s9)
