import { runTogether } from './run-together.ts'

await runTogether('test/cli/**/*.test.ts')
