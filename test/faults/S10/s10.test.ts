import { testRow } from '../test-row.ts'
import { s10 } from './row.ts'

testRow(s10)
