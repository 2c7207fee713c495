import { runTogether } from './run-together.ts'

await runTogether('test/simulate/**/*.test.ts')
