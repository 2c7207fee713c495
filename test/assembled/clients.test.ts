import { runTogether } from './run-together.ts'

await runTogether('test/clients/**/*.test.ts')
