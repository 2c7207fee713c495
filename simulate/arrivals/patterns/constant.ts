import type { Pattern } from '../pattern.ts'

const constant: Pattern = { rate: () => 1 }

export default constant
