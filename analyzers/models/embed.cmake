# Writes OUTPUT, a C++ file with the text of every *.yaml of SOURCE_DIR. Run with cmake -P.
file(GLOB files "${SOURCE_DIR}/*.yaml")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  cmake_path(GET file FILENAME name)
  string(APPEND entries "    {\"${name}\", R\"yaml(${text})yaml\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"analyzers/models/builtin.h\"

namespace deadheat {

const BuiltinModel kBuiltinModels[] = {
${entries}};
const std::size_t kBuiltinModelCount = sizeof(kBuiltinModels) / sizeof(kBuiltinModels[0]);

}  // namespace deadheat
")
