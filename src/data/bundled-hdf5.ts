/**
 * `import 'soft-actor-critic/hdf5'`: makes h5wasm (5.5 MB) part of a bundle for web pages, which loads it when the first
 * file of HDF5 is read. Without this import a bundle does not contain it. Node needs no such import.
 * @module soft-actor-critic/hdf5
 */
import { provideHdf5 } from './read-hdf5.ts'

provideHdf5(() => import('h5wasm'))
