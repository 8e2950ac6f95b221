# Tests of the source tree, of the stage mix and of the entry script. They carry the label "source":
# once a checkout is enough, whatever the compiler and the sanitizers.
if(NOT LSM_TESTS)
  return()
endif()

add_executable(lsm-tidy engine/tidy/tidy_main.cc)
target_link_libraries(lsm-tidy PRIVATE lsm_tidy)
add_test(NAME tidy COMMAND lsm-tidy ${PROJECT_SOURCE_DIR}
                           ${CMAKE_BINARY_DIR}/compile_commands.json ${LSM_REPLACED_STAGES})
set(tests tidy)

# lsm_add_script_test(NAME [ARGUMENT...]): runs cmake/tests/NAME.sh.
function(lsm_add_script_test name)
  add_test(NAME ${name} COMMAND bash ${PROJECT_SOURCE_DIR}/cmake/tests/${name}.sh ${ARGN})
  set(scratch ${CMAKE_BINARY_DIR}/scratch/${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT
    "ROOT=${PROJECT_SOURCE_DIR};SCRATCH=${scratch};CXX=${CMAKE_CXX_COMPILER}")
  set(tests ${tests} ${name} PARENT_SCOPE)
endfunction()

if(NOT LSM_REPLACED_STAGES)  # else the reference's headers would meet foreign neighbours
  lsm_add_script_test(self_contained_headers ${LSM_STAGE_ROOT})
endif()
lsm_add_script_test(guarantees_page $<TARGET_FILE:lsm-verify>)
lsm_add_script_test(verify_engine $<TARGET_FILE:lsm-verify>)
lsm_add_script_test(stage_replacement)
lsm_add_script_test(lab_usage)
# The commands of the documents build and use build/release: one build directory runs them.
if(CMAKE_BINARY_DIR STREQUAL "${PROJECT_SOURCE_DIR}/build/release")
  lsm_add_script_test(docs_commands)
  lsm_add_script_test(grader)
  set_tests_properties(docs_commands grader PROPERTIES RUN_SERIAL TRUE)
endif()
set_tests_properties(${tests} PROPERTIES LABELS source TIMEOUT 1800)
