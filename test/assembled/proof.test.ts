import { runTogether } from './run-together.ts'

await runTogether('test/prove/{*/*,[!s]*,schedule}.test.ts')
