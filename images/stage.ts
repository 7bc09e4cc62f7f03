// Puts the files of an image below a folder: `node images/stage.ts worker-cpu /base`, for the Dockerfile.
import { z } from 'zod';
import { stage } from './archive.ts';
import { type ImageName, imageFiles, images } from './files.ts';

const names = Object.keys(images).filter((name): name is ImageName => name in images);
const [name, folder] = z.tuple([z.enum(names), z.string().min(1)]).parse(process.argv.slice(2));
await stage(await imageFiles(name), folder);
