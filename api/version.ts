/** The version of the tool, as package.json and every record say it. */
export const toolVersion = '0.1.0';
