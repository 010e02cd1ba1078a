// json-schema-to-typescript for each JSON Schema of a folder, in one process, one module each.
//
//     json2ts_each.cjs SCHEMAS FOLDER
//
// Prints a JSON object: the error of each schema of which nothing was generated.
const fs = require("fs");
const path = require("path");
const { compile } = require("json-schema-to-typescript");

// What its own documentation suggests for schemas that say nothing of further members.
const options = { additionalProperties: false, unknownAny: true, bannerComment: "" };

async function run(schemas, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const failures = {};
  for (const file of fs.readdirSync(schemas).sort()) {
    const name = path.basename(file, ".json");
    const schema = JSON.parse(fs.readFileSync(path.join(schemas, file), "utf8"));
    try {
      fs.writeFileSync(path.join(folder, `${name}.ts`), await compile(schema, name, options));
    } catch (error) {
      failures[name] = String(error).split("\n")[0];
    }
  }
  console.log(JSON.stringify(failures));
}

run(process.argv[2], process.argv[3]);
