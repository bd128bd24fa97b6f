// Once before all files: nothing of an earlier run is mistaken for a picture of this one.
import { mkdir, rm } from 'node:fs/promises';

import { pictureFolder } from './places';

export default async function setup(): Promise<void> {
  await rm(pictureFolder, { recursive: true, force: true });
  await mkdir(pictureFolder, { recursive: true });
}
