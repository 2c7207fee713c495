import { runTogether } from './run-together.ts'

await runTogether('test/routes/api/v1/[f-m]*.test.ts')
