"""infoRouter's numbers, by the names of parameters, elements and attributes, in any case."""

from adapters.common.dialect import Numbers

NUMBERS = (
    Numbers("task", ("taskId", "linkedTaskId", "task.id")),
    Numbers("task definition", ("taskDefId",)),
    Numbers("workflow", ("workflowId", "flowId")),
    Numbers("workflow definition", ("flowDefId", "workflowDefId")),
    Numbers(
        "user",
        (
            "userId",
            "assigneeId",
            "assignedById",
            "supervisorId",
            "ownerId",
            "registerById",
            "redirectedFromUserId",
            "documentCheckedOutById",
            "user.id",
            "createUserResult.response.id",
        ),
        ("/{service}/CreateUser",),
        ("ID:",),
    ),
    Numbers("group", ("groupId", "userGroupId")),
    Numbers("library", ("domainId", "libraryId", "documentLibraryId")),
    Numbers("folder", ("folderId", "documentFolderId"), marks=("~F",)),
    Numbers("document", ("documentId", "targetDocumentId", "document.id"), marks=("~D",)),
)
