import { runTogether } from './run-together.ts'

await runTogether('test/services/{config,event}/!(quoted).test.ts')
